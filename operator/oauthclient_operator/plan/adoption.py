"""What an adoption is planned on, as one value."""

from dataclasses import dataclass
from datetime import datetime

from ..oauth.client_metadata import ClientMetadata
from ..published_secret import edition_of
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..verdict import adopting as words
from .action import Wait
from .asked import asked_to_retry
from .observed import Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What an adoption is planned on: the Secret `name` hands a client over, to be published as `publication` says.

    `outdated` says that what is published may be the last copy of working credentials.
    """

    observed: Observed
    resource: OAuthClient
    desired: Desired
    metadata: ClientMetadata
    publication: Publication
    name: str
    record: Record | None
    now: datetime
    outdated: bool = False

    @property
    def slowly(self) -> datetime:
        """When it is looked at again by itself."""
        return self.now + self.observed.limits.retry_slowly

    @property
    def asks_again(self) -> str | None:
        """The annotation by which a person asks that it be tried now, if it is a new one."""
        return None if self.record is None else asked_to_retry(self.resource, self.record)

    @property
    def next_edition(self) -> int:
        """An edition that nobody has seen."""
        return max(self.record.edition if self.record is not None else 0, self.shown_edition) + 1

    @property
    def shown_edition(self) -> int:
        """The edition that the published Secret or the status has."""
        secret = self.observed.secret
        # Without an annotation it is the first.
        shown = max(1, edition_of(secret)) if isinstance(secret, Secret) else 0
        return max(shown, self.resource.status.edition or 0)

    def fails(self, why: str, until: datetime | None = None) -> Wait:
        """Return the wait of an adoption for which there is a reason why it fails."""
        return Wait(verdict=words.adoption_failed(why), until=until)
