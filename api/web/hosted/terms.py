"""The page of a document of the terms of sale (T11, T12)."""

from __future__ import annotations

from activities.identities import identity_of
from api.web.hosted.page_models import TermsPage
from jalon.domain.terms_texts import TermsText
from jalon.integrations.mail.formats import LANGUAGES
from jalon.policy.model.store_policy import StorePolicy


def terms_page(policy: StorePolicy, terms: TermsText, wanted: str) -> TermsPage:
    """The page in the language that is wanted, else in the store's, else in one in which there is a text."""
    spoken = terms.language(wanted, policy.store.default_language)
    return TermsPage(
        language=spoken if spoken in LANGUAGES else policy.store.default_language,
        store=identity_of(policy),
        title=terms.title.get(spoken, terms.version),
        layer=terms.layer,
        version=terms.version,
        text=terms.text[spoken],
        text_language=spoken,
        sha256=terms.sha256,
        former_terms=policy.route("old_terms"),
        others={each: f"?language={each}" for each in terms.text if each != spoken},
    )
