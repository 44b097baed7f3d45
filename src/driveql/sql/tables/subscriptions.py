"""The table `subscriptions`: what the application asked the service to be told about. Client states stay out of it.

Source: https://learn.microsoft.com/graph/api/subscription-list
"""

from __future__ import annotations

from driveql.sql.tables.column import EQUALITY, TEXT, TIMESTAMP, GraphTable, Kind, prop

SUBSCRIPTIONS = GraphTable(
    name="subscriptions",
    description="Subscriptions of the connection's application, those that have not ended",
    kind=Kind.SUBSCRIPTIONS,
    columns=(
        prop("id", TEXT, "Id of the subscription; a predicate on it is one request", takes=EQUALITY),
        prop("resource", TEXT, "What is watched, such as /drives/{id}/root"),
        prop("changeType", TEXT, "updated, for drives and lists"),
        prop("notificationUrl", TEXT, "Where the service tells changes"),
        prop("lifecycleNotificationUrl", TEXT, "Where it tells that the subscription is in danger"),
        prop("expirationDateTime", TIMESTAMP, "When it ends unless it is renewed"),
        prop("applicationId", TEXT, "Client id of the application"),
        prop("creatorId", TEXT, "Id of who made it"),
        prop("latestSupportedTlsVersion", TEXT, "Newest TLS version of the notification URL"),
    ),
    selects=False,
)
