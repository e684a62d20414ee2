"""Faults that mypy must report; each is planted in a copy of the tree."""

from __future__ import annotations

MYPY_FAULTS = {
    "jalon/domain/planted.py": ('def f(n: int) -> int:\n    return "no"\n', "return-value"),
    "jalon/domain/planted_name.py": (
        "from jalon.domain import events\n\nevents.OrderPlacd\n",
        "attr-defined",
    ),
    "jalon/domain/planted_key.py": (
        "from jalon.domain import events\n\nevents.CartOpened(line=1)\n",
        'Unexpected keyword argument "line"',
    ),
    "jalon/domain/planted_code.py": (
        "from jalon.domain.error_codes import ErrorCode\n\nErrorCode.NOT_FOUNT\n",
        "attr-defined",
    ),
    "jalon/domain/planted_violation.py": (
        'from jalon.domain.violations import Violation\n\nViolation("not_fount", "no")\n',
        "arg-type",
    ),
    "workflows/planted_refusal.py": (
        'from workflows.engine.commands import refused\n\nrefused("not_fount", "no")\n',
        "arg-type",
    ),
    "api/planted_command.py": (
        "from workflows.subscription import commands\n\ncommands.StopRenewl()\n",
        "attr-defined",
    ),
    "api/planted_body.py": (
        'from workflows.subscription import commands\n\ncommands.TakeStep("sign", "link", evidance=None)\n',
        'Unexpected keyword argument "evidance"',
    ),
    "workflows/planted_status.py": (
        "from jalon.domain.statuses import OrderStatus\n\nOrderStatus.SUBMITED\n",
        "attr-defined",
    ),
    "workflows/planted_move.py": (
        (
            "from workflows.order.state import OrderState\n\n"
            'def go(state: OrderState) -> None:\n    state.move_to("submited")\n'
        ),
        "arg-type",
    ),
    "workflows/planted_due.py": (
        "from workflows.engine.agenda import Due\n\nDue.STOP_CUTOF\n",
        "attr-defined",
    ),
    "workflows/planted_step.py": (
        "from workflows.engine.step import StepName\n\nStepName.CHARG\n",
        "attr-defined",
    ),
    "workflows/planted_handler.py": (
        (
            "from workflows.order.commands import Place\nfrom workflows.engine.step import takes\n"
            "from workflows.order.steps.cart import edit_cart\n\ntakes(Place, edit_cart)\n"
        ),
        "arg-type",
    ),
    "api/planted_problem.py": (
        'from api.http.errors import Problem\n\nProblem(404, "not_fount", "no")\n',
        "arg-type",
    ),
}
"""Faults with the error that mypy must report, among them a misspelling of each kind of name that joins two places."""
