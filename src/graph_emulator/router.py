"""Which function answers which route. What is not in the table is refused with 501 and named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from graph_emulator.addresses import DRIVE, ITEM, LIST, Address
from graph_emulator.call import Call
from graph_emulator.errors import not_implemented
from graph_emulator.messages import Response
from graph_emulator.routes import (
    batch,
    checking_out,
    children,
    content,
    copying,
    delta,
    drives,
    groups,
    invitations,
    items,
    list_items,
    lists,
    permissions,
    recycle_bin,
    search,
    shared_with_me,
    shares,
    sites,
    subscriptions,
    thumbnails,
    upload,
    users,
    versions,
)

Handler = Callable[[Call], Awaitable[Response]]

ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/users"): users.list_users,
    ("GET", "/users/$count"): users.count_users,
    ("GET", "/users/{user-id}"): users.get_user,
    ("GET", "/users/{user-id}/drive"): drives.get_drive,
    ("GET", "/users/{user-id}/drives"): drives.list_user_drives,
    ("GET", "/groups"): groups.list_groups,
    ("GET", "/groups/$count"): groups.count_groups,
    ("GET", "/groups/{group-id}"): groups.get_group,
    ("GET", "/groups/{group-id}/members"): groups.list_members,
    ("GET", "/groups/{group-id}/members/$count"): groups.count_members,
    ("GET", "/groups/{group-id}/members/microsoft.graph.user"): groups.list_user_members,
    ("GET", "/groups/{group-id}/drive"): drives.get_drive,
    ("GET", "/groups/{group-id}/drives"): drives.list_group_drives,
    ("GET", "/sites"): sites.search_sites,
    ("GET", "/sites/getAllSites"): sites.get_all_sites,
    ("GET", "/sites/{site-id}"): sites.get_site,
    ("GET", "/sites/{site-id}/sites"): sites.list_subsites,
    ("GET", "/sites/{site-id}/drive"): drives.get_drive,
    ("GET", "/sites/{site-id}/drives"): drives.list_site_drives,
    ("GET", DRIVE): drives.get_drive,
    ("GET", f"{DRIVE}/search(q='{{q}}')"): search.search_items,
    ("GET", ITEM): items.get_item,
    ("PATCH", ITEM): items.update_item,
    ("DELETE", ITEM): items.delete_item,
    ("GET", f"{ITEM}/children"): children.list_children,
    ("POST", f"{ITEM}/children"): children.create_child,
    ("GET", f"{ITEM}/content"): content.get_content,
    ("PUT", f"{ITEM}/content"): content.put_content,
    ("POST", f"{ITEM}/createLink"): permissions.create_link,
    ("POST", f"{ITEM}/invite"): invitations.invite,
    ("GET", f"{ITEM}/permissions"): permissions.list_permissions,
    ("GET", f"{ITEM}/permissions/{{permission-id}}"): permissions.get_permission,
    ("PATCH", f"{ITEM}/permissions/{{permission-id}}"): permissions.update_permission,
    ("DELETE", f"{ITEM}/permissions/{{permission-id}}"): permissions.delete_permission,
    ("POST", f"{ITEM}/permissions/{{permission-id}}/revokeGrants"): invitations.revoke_grants,
    ("GET", f"{ITEM}/thumbnails"): thumbnails.list_thumbnails,
    ("GET", f"{ITEM}/thumbnails/{{set-id}}"): thumbnails.get_set,
    ("GET", f"{ITEM}/thumbnails/{{set-id}}/{{size}}"): thumbnails.get_thumbnail,
    ("GET", f"{ITEM}/thumbnails/{{set-id}}/{{size}}/content"): thumbnails.get_thumbnail_content,
    ("POST", f"{ITEM}/preview"): thumbnails.preview,
    ("POST", f"{ITEM}/follow"): shared_with_me.follow,
    ("POST", f"{ITEM}/unfollow"): shared_with_me.unfollow,
    ("GET", f"{DRIVE}/following"): shared_with_me.list_followed,
    ("DELETE", f"{DRIVE}/following/{{item-id}}"): shared_with_me.unfollow,
    ("GET", f"{DRIVE}/sharedWithMe"): shared_with_me.list_shared_with_me,
    ("GET", f"{ITEM}/listItem"): list_items.get_row,
    ("GET", f"{ITEM}/listItem/fields"): list_items.get_fields,
    ("PATCH", f"{ITEM}/listItem/fields"): list_items.update_fields,
    ("GET", "/sites/{site-id}/lists"): lists.list_lists,
    ("POST", "/sites/{site-id}/lists"): lists.create_list,
    ("GET", LIST): lists.get_list,
    ("GET", f"{DRIVE}/list"): lists.get_list,
    ("GET", f"{LIST}/drive"): lists.get_list_drive,
    ("GET", f"{LIST}/columns"): lists.list_columns,
    ("POST", f"{LIST}/columns"): lists.create_column,
    ("GET", f"{LIST}/columns/{{column-id}}"): lists.get_column,
    ("GET", f"{LIST}/items"): list_items.list_rows,
    ("POST", f"{LIST}/items"): list_items.create_row,
    ("GET", f"{LIST}/items/{{item-id}}"): list_items.get_row,
    ("PATCH", f"{LIST}/items/{{item-id}}"): list_items.update_row,
    ("DELETE", f"{LIST}/items/{{item-id}}"): list_items.delete_row,
    ("GET", f"{LIST}/items/{{item-id}}/fields"): list_items.get_fields,
    ("PATCH", f"{LIST}/items/{{item-id}}/fields"): list_items.update_fields,
    ("GET", f"{LIST}/items/{{item-id}}/driveItem"): list_items.drive_item_of_row(items.get_item),
    ("GET", "/subscriptions"): subscriptions.list_subscriptions,
    ("POST", "/subscriptions"): subscriptions.create_subscription,
    ("GET", "/subscriptions/{subscription-id}"): subscriptions.get_subscription,
    ("PATCH", "/subscriptions/{subscription-id}"): subscriptions.update_subscription,
    ("DELETE", "/subscriptions/{subscription-id}"): subscriptions.delete_subscription,
    ("POST", "/subscriptions/{subscription-id}/reauthorize"): subscriptions.reauthorize,
    ("GET", "/shares/{share-id}"): shares.get_share,
    ("GET", "/shares/{share-id}/driveItem"): shares.of_shared_item("", items.get_item),
    ("GET", "/shares/{share-id}/driveItem/children"): shares.of_shared_item(
        "/children", children.list_children
    ),
    ("GET", "/shares/{share-id}/driveItem/content"): shares.of_shared_item("/content", content.get_content),
    ("GET", "/shares/{share-id}/listItem"): shares.of_shared_item("/listItem", list_items.get_row),
    ("GET", "/shares/{share-id}/permission"): shares.get_share_permission,
    ("GET", "/shares/{share-id}/site"): shares.get_share_site,
    ("POST", "/shares/{share-id}/permission/grant"): invitations.grant_on_share,
    ("POST", f"{ITEM}/createUploadSession"): upload.create_session,
    ("GET", f"{ITEM}/delta"): delta.list_changes,
    ("POST", f"{ITEM}/copy"): copying.start_copy,
    ("GET", f"{ITEM}/versions"): versions.list_versions,
    ("GET", f"{ITEM}/versions/{{version-id}}"): versions.get_version,
    ("DELETE", f"{ITEM}/versions/{{version-id}}"): versions.delete_version,
    ("GET", f"{ITEM}/versions/{{version-id}}/content"): versions.get_version_content,
    ("POST", f"{ITEM}/versions/{{version-id}}/restoreVersion"): versions.restore_version,
    ("POST", f"{ITEM}/restore"): recycle_bin.restore_item,
    ("POST", f"{ITEM}/permanentDelete"): recycle_bin.permanently_delete,
    ("GET", "/sites/{site-id}/recycleBin/items"): recycle_bin.list_bin,
    ("POST", f"{ITEM}/checkout"): checking_out.check_item_out,
    ("POST", f"{ITEM}/checkin"): checking_out.check_item_in,
    ("POST", f"{ITEM}/discardCheckout"): checking_out.discard_check_out,
    ("POST", "/$batch"): batch.answer_batch,
    ("GET", f"{ITEM}/search(q='{{q}}')"): search.search_items,
}


def handler_for(method: str, address: Address) -> Handler:
    """Return the function that answers. Raises GraphError 501 that names what is not known."""
    found = ROUTES.get((method, address.template))
    if found is None:
        raise not_implemented(f"{method} {address.template}")
    return found


def permission_route(template: str) -> str:
    """Return the route whose permissions hold for `template`: counting and casting ask for no more than listing."""
    return template.removesuffix("/$count").removesuffix("/microsoft.graph.user")
