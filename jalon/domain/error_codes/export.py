"""Errors of an end-use certificate, and of the decision on an export hold."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

EXPORT: Descriptions = {
    ErrorCode.ANSWERS_MISSING: ErrorDescription(
        title="The answers are missing",
        cause="The body has no object that answers the questionnaire.",
        way_out="Send answers as an object with one entry for each question.",
        statuses=(422,),
        rule="T5",
    ),
    ErrorCode.ANSWER_MISSING: ErrorDescription(
        title="A question is not answered",
        cause="The certificate requires an answer to the question that the pointer names.",
        way_out="Answer the question.",
        statuses=(422,),
    ),
    ErrorCode.ANSWER_INVALID: ErrorDescription(
        title="An answer has the wrong form",
        cause="The answer is not of the kind that the question asks for.",
        way_out="Answer as the message says.",
        statuses=(422,),
    ),
    ErrorCode.ANSWER_UNKNOWN: ErrorDescription(
        title="An answer belongs to no question",
        cause="This version of the questionnaire asks no question of this name.",
        way_out="Leave the answer out, or correct its name.",
        statuses=(422,),
        rule="T5",
    ),
    ErrorCode.ANSWERS_CONTRADICT: ErrorDescription(
        title="Two answers contradict each other",
        cause="Both answers are well-formed, but they cannot hold together. The message says why.",
        way_out="Correct the answer that the pointer names, or the one it disagrees with.",
        statuses=(422,),
        rule="T5",
    ),
    ErrorCode.UNDERTAKING_REFUSED: ErrorDescription(
        title="An undertaking is refused",
        cause="The order needs this undertaking, and the answer to it is not true.",
        way_out="Answer true if the buyer gives the undertaking; without it there is no order.",
        statuses=(422,),
        rule="T6",
    ),
    ErrorCode.END_USE_VAGUE: ErrorDescription(
        title="The end use says too little",
        cause="The text consists of general words and does not tell what the software is used for.",
        way_out="Say what is made, built or studied with it, and for whom.",
        statuses=(422,),
        rule="T5",
    ),
    ErrorCode.CERTIFICATE_CLOSED: ErrorDescription(
        title="The certificate cannot be changed any more",
        cause="The order was screened with its certificate, needs none, or is over.",
        way_out="Leave the certificate as it is; if an answer was wrong, write to the store's trade compliance.",
        statuses=(409,),
        rule="T5",
    ),
    ErrorCode.CERTIFICATE_WINDOW_CLOSED: ErrorDescription(
        title="The time to answer the certificate is over",
        cause="The answers arrived at or after the deadline for the certificate.",
        way_out="Order again, and answer the certificate in time.",
        statuses=(409,),
        rule="T5",
    ),
    ErrorCode.HOLD_CLOSED: ErrorDescription(
        title="This hold is not open",
        cause="Nothing is on hold here, the hold was decided already or ran out, or no open hold has the turn that the decision names.",
        way_out="Read the hold (GET /v1/compliance/holds/{id}) to see what is open now, and decide on that by its turn.",
        statuses=(409,),
        rule="T6",
    ),
    ErrorCode.SAME_REVIEWER: ErrorDescription(
        title="A second person must decide on this hold",
        cause="Two different people release a hold. The first decision is yours, or whoever issued one of the two keys may have made both.",
        way_out="Ask a second reviewer, who issued neither key and has accepted their own (jalon keys accept).",
        statuses=(409,),
        rule="T6",
    ),
}
