"""What an installation writes with: the product's own templates, contracts and signed links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jalon.domain.emails import Email, Milestone
from jalon.integrations.documents import ContractRenderer
from jalon.integrations.links import Links
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import Rendered, Renderer, StoreIdentity
from jalon.rehearsal.sim.wiring import Paper

TEMPLATES = Path(__file__).parents[4] / "templates"
_KEY = b"a key of the simulator, which signs links for nobody"


class _RenderedOnce(Renderer):
    """Renders each e-mail once: while the mail server is away, the product renders the same one again and again."""

    def __init__(self, templates: Path) -> None:
        super().__init__(templates)
        self._rendered: dict[tuple[object, ...], Rendered] = {}

    def render(
        self,
        email: Email,
        *,
        language: Language,
        recipient_name: str | None,
        store: StoreIdentity,
        link_url: str | None = None,
        milestones: Sequence[Milestone] = (),
        person: str | None = None,
        people: Sequence[str] = (),
    ) -> Rendered:
        """The rendered e-mail."""
        key = (email, language, recipient_name, store, link_url, tuple(milestones), person, tuple(people))
        if key not in self._rendered:
            self._rendered[key] = super().render(
                email,
                language=language,
                recipient_name=recipient_name,
                store=store,
                link_url=link_url,
                milestones=milestones,
                person=person,
                people=people,
            )
        return self._rendered[key]


def written(templates: Path) -> Paper:
    """The paper that people can read."""
    return Paper(_RenderedOnce(templates), ContractRenderer(templates), Links([_KEY]))
