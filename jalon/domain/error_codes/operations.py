"""Errors of an operator's command, and of the advance of a test clock."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

OPERATIONS: Descriptions = {
    ErrorCode.ALREADY_PARKED: ErrorDescription(
        title="The step is parked already",
        cause="A step can be parked once, and this one stands.",
        way_out="Retry, skip or compensate the step.",
        statuses=(409,),
    ),
    ErrorCode.NOT_PARKED: ErrorDescription(
        title="The step is not parked",
        cause="No step of this name stands. It may have gone on meanwhile.",
        way_out="Choose one of the parked steps that the message lists.",
        statuses=(409,),
    ),
    ErrorCode.UNKNOWN_STEP: ErrorDescription(
        title="There is no such step",
        cause="An entity of this kind has no step of this name, so nothing would ever be stopped.",
        way_out="Name one of the steps that the message lists; that of an e-mail is mail/ and its name, that of the screening "
        "of one more person is person_screening/ and its number.",
        statuses=(422,),
    ),
    ErrorCode.TOO_MANY_TO_PARK: ErrorDescription(
        title="Too many steps wait to be parked",
        cause="Twenty steps of one entity at most are to be parked before they come, and so many are.",
        way_out="Retry one of the steps that the message lists: it is then not parked when it comes.",
        statuses=(409,),
    ),
    ErrorCode.MAIL_NOT_RESENT: ErrorDescription(
        title="The e-mail is not sent again",
        cause="It is not true any more, has not left yet, or begins a time when it leaves. The message says which.",
        way_out="Tell the customer what holds now, or use the command of its own that the message names.",
        statuses=(409,),
        rule="X21",
    ),
    ErrorCode.NOT_EXTENDABLE: ErrorDescription(
        title="The deadline cannot be moved so",
        cause="Only an open deadline that protects the vendor is moved, to a later day and by 92 days at most.",
        way_out="Name a deadline of the agenda and a later day, as the message says.",
        statuses=(409,),
    ),
    ErrorCode.ADDRESS_TAKEN: ErrorDescription(
        title="Another person has this address",
        cause="A store knows a person by the e-mail address, and two people cannot have the same one.",
        way_out="Give another address, or use the person who has this one.",
        statuses=(409,),
        rule="X18",
    ),
    ErrorCode.NOT_EDITABLE: ErrorDescription(
        title="These fields may not be edited",
        cause="An operator may change some fields of a step's input, and the edit names others.",
        way_out="Edit only the fields that the message lists.",
        statuses=(409,),
    ),
    ErrorCode.EDIT_INVALID: ErrorDescription(
        title="The edit does not fit the step",
        cause="With the edit the input of the step has the wrong form. The pointer names the field.",
        way_out="Correct the field as the message says.",
        statuses=(422,),
    ),
    ErrorCode.NOT_COMPENSABLE: ErrorDescription(
        title="The step has nothing to undo",
        cause="A payment, a charge or a screening can be given up; this step cannot.",
        way_out="Retry the step, or skip it with evidence.",
        statuses=(409,),
    ),
    ErrorCode.LIVE_STORE: ErrorDescription(
        title="The store lives by real time",
        cause="Only a sandbox store has a test clock that can be moved.",
        way_out="Name a sandbox store.",
        statuses=(409,),
    ),
    ErrorCode.CLOCK_ADVANCING: ErrorDescription(
        title="The test clock is advancing",
        cause="While a sandbox store's clock moves, the store takes no write. The problem's progress says how far it is.",
        way_out="Wait as long as Retry-After says, and send the same request again with the same Idempotency-Key.",
        statuses=(409,),
    ),
    ErrorCode.CLOCK_BACKWARDS: ErrorDescription(
        title="A test clock never goes back",
        cause="The instant to advance to is before the one that the clock shows.",
        way_out="Name a later instant.",
        statuses=(422,),
    ),
    ErrorCode.ADVANCE_TOO_LONG: ErrorDescription(
        title="The advance is too long",
        cause="One request moves a test clock by ten years at most, and never to 2200 or later.",
        way_out="Advance in several requests.",
        statuses=(422,),
    ),
    ErrorCode.IN_ANOTHER_REPAIR: ErrorDescription(
        title="Another repair is at work on the step",
        cause="A step is in one open repair at most, so that no two commands cross.",
        way_out="Wait until the repair that the message names is done, or abort it.",
        statuses=(409,),
    ),
    ErrorCode.STEP_CHANGED: ErrorDescription(
        title="The step stopped anew since the plan",
        cause="The step stands for another cause, or since another instant, than the plan read.",
        way_out="Plan a repair of its present cause.",
        statuses=(409,),
    ),
    ErrorCode.NOTHING_TO_REPAIR: ErrorDescription(
        title="The selection matches nothing",
        cause="No step that your key can see has this cause.",
        way_out="Read the causes again (GET /v1/ops/causes). What is gone went on by itself, or was repaired.",
        statuses=(422,),
    ),
    ErrorCode.REPAIR_TOO_LARGE: ErrorDescription(
        title="The repair is too large",
        cause="One repair has 20,000 steps at most, and the selection matches more.",
        way_out="Plan one store at a time.",
        statuses=(422,),
    ),
    ErrorCode.PLAN_CHANGED: ErrorDescription(
        title="What the plan found has changed",
        cause="Since the plan was read, a step of it went on, stopped for another cause, or took effect outside.",
        way_out="Read the fresh plan that `plan` names, and start that one.",
        statuses=(409,),
    ),
    ErrorCode.PLAN_EXPIRED: ErrorDescription(
        title="The plan has expired",
        cause="A plan can be started for an hour. What it found may be different by now.",
        way_out="Plan the repair again, and start the new plan.",
        statuses=(409,),
    ),
    ErrorCode.PLAN_STARTED: ErrorDescription(
        title="The plan was started already",
        cause="A plan becomes one repair, and somebody started this one.",
        way_out="Read the repair (GET /v1/ops/repairs/{id}).",
        statuses=(409,),
    ),
    ErrorCode.REPAIR_NOT_OPEN: ErrorDescription(
        title="The repair does not stand so that this can be done",
        cause="A repair is approved once, paused while it runs, resumed while it stands, and aborted before its end.",
        way_out="Read the repair; its state says what can be done.",
        statuses=(409,),
    ),
    ErrorCode.NO_RESET_POINT: ErrorDescription(
        title="There is no point to go back to",
        cause="The run has completed no workflow task, or the engine refuses the point before the fault.",
        way_out="Deploy code that does not fail. The engine tries the workflow task again by itself.",
        statuses=(409,),
    ),
    ErrorCode.NOT_FAILING: ErrorDescription(
        title="The workflow task does not fail",
        cause="Only an entity whose workflow task fails is reset, and this one goes on.",
        way_out="Read the causes again (GET /v1/ops/causes).",
        statuses=(409,),
    ),
    ErrorCode.SECOND_PERSON_NEEDED: ErrorDescription(
        title="A second person has to approve",
        cause="A large repair, or one that gives up orders, takes two people, and you started it.",
        way_out="Let another person approve, whose key you did not issue and who did not issue yours.",
        statuses=(409,),
    ),
    ErrorCode.RECOVERY_DECIDED: ErrorDescription(
        title="The request is decided already",
        cause="A request to put another admin in is approved or refused once.",
        way_out="Read the requests (GET /v1/support/entities/{id}/admin-recoveries). Where another person is to follow, ask anew.",
        statuses=(409,),
    ),
    ErrorCode.OUTAGE_TOO_LONG: ErrorDescription(
        title="The outage is too long",
        cause="One declaration covers 31 days at most. An outage moves every deadline in it.",
        way_out="Correct the instants. A longer outage takes several declarations.",
        statuses=(422,),
        rule="G7",
    ),
    ErrorCode.OUTAGE_TO_COME: ErrorDescription(
        title="The outage is not over",
        cause="The outage ends after the present instant. What is to come is not known.",
        way_out="Declare the outage once it is over. A sandbox store also takes an outage to come, to rehearse it.",
        statuses=(422,),
        rule="G7",
    ),
    ErrorCode.OUTAGE_MEASURED: ErrorDescription(
        title="The outage was measured",
        cause="The heartbeats of the API stopped in this time. What was measured is not withdrawn.",
        way_out="Leave it. Withdraw only an outage that somebody declared.",
        statuses=(409,),
        rule="G7",
    ),
    ErrorCode.OUTAGE_WITHDRAWN: ErrorDescription(
        title="The outage was withdrawn already",
        cause="Somebody withdrew this outage before; the list of outages names them and their reason.",
        way_out="Nothing is left to do. Declare an outage anew where the withdrawal was the mistake.",
        statuses=(409,),
        rule="G7",
    ),
    ErrorCode.DURATION_INVALID: ErrorDescription(
        title="The duration has the wrong form",
        cause="The value of by is not a duration that a calendar can count, or is longer than a hundred years.",
        way_out='Write an ISO 8601 duration, as in "P30D" or "PT2H".',
        statuses=(422,),
    ),
}
