"""Users and groups of a tenant, with the properties Microsoft Graph shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graph_emulator.store.item import Actor

if TYPE_CHECKING:
    from graph_emulator.store.drive import Drive

DEFAULT_USER_PROPERTIES = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)


@dataclass(slots=True, eq=False)
class User:
    """A user. `properties` are the Graph properties that were given; a user without a licence has no drive."""

    id: str
    user_principal_name: str
    display_name: str
    properties: dict[str, Any] = field(default_factory=dict)
    drive: Drive | None = None

    def actor(self) -> Actor:
        """Return this user as the one who did something."""
        mail = str(self.properties.get("mail") or self.user_principal_name)
        return Actor(user_id=self.id, user_name=self.display_name, user_email=mail)

    def json(self) -> dict[str, Any]:
        """Return every property that is known, as Graph would with a $select of all of them."""
        return {
            "businessPhones": [],
            "givenName": None,
            "jobTitle": None,
            "mail": None,
            "mobilePhone": None,
            "officeLocation": None,
            "preferredLanguage": None,
            "surname": None,
            "accountEnabled": True,
            "userType": "Member",
            "department": None,
            "companyName": None,
            "city": None,
            "country": None,
            "employeeId": None,
            "usageLocation": None,
            "createdDateTime": None,
            "mailNickname": self.user_principal_name.partition("@")[0],
            "otherMails": [],
            "proxyAddresses": [],
            **self.properties,
            "displayName": self.display_name,
            "userPrincipalName": self.user_principal_name,
            "id": self.id,
        }


@dataclass(slots=True, eq=False)
class Group:
    """A group. A Microsoft 365 group ("Unified") has a site with a document library."""

    id: str
    display_name: str
    properties: dict[str, Any] = field(default_factory=dict)
    members: list[User | Group] = field(default_factory=list)
    drive: Drive | None = None

    def json(self) -> dict[str, Any]:
        """Return every property that is known."""
        nickname = "".join(filter(str.isalnum, self.display_name)) or "group"
        return {
            "id": self.id,
            "deletedDateTime": None,
            "classification": None,
            "createdDateTime": None,
            "creationOptions": [],
            "description": None,
            "displayName": self.display_name,
            "expirationDateTime": None,
            "groupTypes": ["Unified"] if self.drive is not None else [],
            "isAssignableToRole": None,
            "mail": None,
            "mailEnabled": self.drive is not None,
            "mailNickname": nickname,
            "membershipRule": None,
            "membershipRuleProcessingState": None,
            "onPremisesDomainName": None,
            "onPremisesLastSyncDateTime": None,
            "onPremisesNetBiosName": None,
            "onPremisesSamAccountName": None,
            "onPremisesSecurityIdentifier": None,
            "onPremisesSyncEnabled": None,
            "preferredDataLocation": None,
            "preferredLanguage": None,
            "proxyAddresses": [],
            "renewedDateTime": None,
            "resourceBehaviorOptions": [],
            "resourceProvisioningOptions": [],
            "securityEnabled": self.drive is None,
            "securityIdentifier": None,
            "theme": None,
            "uniqueName": None,
            "visibility": "Private",
            "onPremisesProvisioningErrors": [],
            "serviceProvisioningErrors": [],
            **self.properties,
        }
