"""The client of Jalon's HTTP API. It knows HTTP, the shapes of bodies and answers, and nothing of the server.

with Client("http://127.0.0.1:8080", key) as client:
    order = client.send(orders.open_order(cart))
    client.send(orders.place(order["id"], placement))

A module per noun builds each request as a `Call`; `Client` and `AsyncClient` send it by the same rules.
"""
