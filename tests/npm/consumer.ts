// A storefront in a few lines. It compiles against the types made from /openapi.json, and what is wrong in it does not.
import type { components, operations } from "./api";

type Order = components["schemas"]["Order"];
type Subscription = components["schemas"]["Subscription"];
type Problem = components["schemas"]["ProblemDetails"];
type Placed = operations["place_order"]["responses"][200]["content"]["application/json"];
type Deferred = operations["place_order"]["responses"][202]["content"]["application/json"];
type Refused = operations["place_order"]["responses"][422]["content"]["application/problem+json"];

export const cart: operations["open_order"]["requestBody"]["content"]["application/json"] = {
  store: "fastening",
  buyer: { email: "ada@example.com", name: "Ada Martin" },
  country: "FR",
  audience: "design_office",
  currency: "EUR",
  lines: [{ sku: "anchor-design-premium", quantity: 1, term: "P1Y", licence_kind: "individual" }],
};

export function total(order: Order): string {
  return order.total === null ? "" : `${order.total.amount} ${order.total.currency}`;
}

export function next(order: Placed): string {
  if (order.waiting_for === "buyer_certificate") return "/certificate";
  const active = order.lines.filter((line) => line.outcome === "active");
  return active.length === order.lines.length ? "/done" : (order.payment?.action_url ?? "/wait");
}

export function seats(subscription: Subscription): string[] {
  return subscription.seats.map((seat) => seat.user?.email ?? seat.state);
}

export function told(answer: Deferred | Refused): string {
  return "status_url" in answer ? answer.status_url : answer.violations.map((each) => each.message).join(" ");
}

export function isLate(problem: Problem): boolean {
  return problem.code === "activation_window_closed";
}

export const answers: components["schemas"]["AnswerCertificate"]["answers"]["role"] = "end_user";

export function wrong(order: Order, cursor: operations["list_orders"]["parameters"]): void {
  // @ts-expect-error no such status
  order.status === "shipped";
  // @ts-expect-error the amount is a text, exact to the minor unit
  order.total?.amount.toFixed(2);
  // @ts-expect-error no such field
  order.customer;
  // @ts-expect-error no such filter
  cursor.query?.page;
  // @ts-expect-error a cart needs its lines
  const empty: components["schemas"]["OpenOrder"] = { store: "fastening", country: "FR", audience: "x", currency: "EUR" };
  void empty;
}
