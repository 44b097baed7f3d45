"""Trust, proxies and time-outs: what works, and what each failure says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.support import local_tenant, quick

from driveql import errors
from driveql.drive.onedrive import OneDrive
from graph_emulator import faults
from graph_emulator.proxy import ConnectProxy

SERVED = ("graph.microsoft.com", "login.microsoftonline.com", "*.sharepoint.com")


async def test_a_certificate_that_nobody_trusts_is_a_tls_error_that_names_the_remedy() -> None:
    async with local_tenant(
        listen={"tls_port": 0, "proxy_port": 0}, ca_bundle=None, retry_mode="None"
    ) as tenant:
        with pytest.raises(errors.TlsError, match="CaBundle"):
            await tenant.handle.item("/")


async def test_a_proxy_with_credentials() -> None:
    async with local_tenant(listen={"tls_port": 0, "proxy_port": 0}) as tenant:
        endpoint = (tenant.running.host, tenant.running.tls_port)
        proxy = ConnectProxy(dict.fromkeys(SERVED, endpoint), credentials=("user", "p@ss:word"))
        port = await proxy.start()
        try:
            for secret, works in (("user:p%40ss%3Aword", True), ("user:wrong", False), (None, False)):
                address = f"http://{secret + '@' if secret else ''}127.0.0.1:{port}"
                from dataclasses import replace

                settings = replace(tenant.settings, proxy=address)
                async with OneDrive(settings, retry=quick(replace(settings, retry_count_max=0))) as drive:
                    handle = await drive.drive(drive_id=tenant.drive_id)
                    if works:
                        assert (await handle.item("/")).is_root
                        continue
                    with pytest.raises(errors.ConnectError, match="407") as caught:
                        await handle.item("/")
                    assert "wrong" not in str(caught.value)
        finally:
            await proxy.stop()
        assert proxy.connected


async def test_a_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with local_tenant(listen={"tls_port": 0, "proxy_port": 0}, proxy=None) as tenant:
        monkeypatch.setenv("HTTPS_PROXY", tenant.running.proxy_url)
        monkeypatch.setenv("NO_PROXY", "")
        assert (await tenant.handle.item("/")).is_root
        assert tenant.running.proxy.connected


async def test_nobody_listens(unused_tcp_port: int) -> None:
    async with local_tenant(graph_url=f"http://127.0.0.1:{unused_tcp_port}", retry_count_max=2) as tenant:
        with pytest.raises(errors.ConnectError, match="3 tries"):
            await tenant.handle.item("/")


async def test_an_answer_that_does_not_come_is_a_time_out_and_is_tried_again_only_where_safe() -> None:
    async with local_tenant(timeout=0.3) as tenant:
        await tenant.drive.session.access_token()
        tenant.emulator.faults.add(faults.Delay(seconds=1.0), target="/root$")
        assert (await tenant.handle.item("/")).is_root
        tenant.emulator.faults.assert_consumed()
        tenant.emulator.faults.add(faults.Delay(seconds=1.0), method="POST")
        with pytest.raises(errors.RequestTimeoutError, match="not safe to repeat"):
            await tenant.drive.session.request(
                "POST", f"{tenant.running.graph_url}/v1.0/drives/x/root/copy", json={}
            )


async def test_cancelling_a_listing_stops_its_requests() -> None:
    async with local_tenant() as tenant:
        for number in range(50):
            tenant.store_drive.put_file(f"/m/{number}", b"")
        tenant.emulator.faults.add(faults.Delay(seconds=30), route="children$", count=None, nth=2)

        async def read() -> None:
            async for _ in tenant.handle.children("/m", top=10):
                pass

        task = asyncio.create_task(read())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)


async def test_the_blocking_api_is_the_asynchronous_one(tmp_path: Path) -> None:
    import inspect

    from driveql.drive import blocking, handle, onedrive

    for ours, theirs in (
        (blocking.BlockingDrive, handle.DriveHandle),
        (blocking.OneDrive, onedrive.OneDrive),
    ):
        shared = [name for name in vars(ours) if not name.startswith("_") and hasattr(theirs, name)]
        assert len(shared) >= 3
        for name in shared:
            parameters = list(inspect.signature(getattr(ours, name)).parameters)
            assert parameters == list(inspect.signature(getattr(theirs, name)).parameters), name
    public = {
        name for name, _ in inspect.getmembers(handle.DriveHandle, inspect.isfunction) if name[0] != "_"
    }
    missing = public - set(vars(blocking.BlockingDrive))
    assert missing == {"address", "children", "opened", "reading", "search", "walk_from"}, (
        "only the parts of the machinery"
    )
    async with local_tenant() as tenant:

        def work() -> bytes:
            with blocking.OneDrive(tenant.settings) as drive:
                own = drive.drive()
                own.upload("/a/b.txt", b"x") if own.create_folder("/a").is_folder else None
                drive.download("onedrive:/a/b.txt", tmp_path / "b.txt")
                assert [item.name for item in own.walk()] == ["a", "b.txt"]
                assert [item.path for item in own.glob("/a/*")] == ["/a/b.txt"]
                mirrored = own.mirror("/a", tmp_path / "mirror", upward=False)
                assert [step.path for step in mirrored.plan()] == ["b.txt"]
                assert [outcome.done for outcome in mirrored.run()] == [True]
                assert [user["displayName"] for user in drive.users(select=["displayName"])] == [
                    "Alice Smith"
                ]
                return b"".join(own.stream("/a/b.txt"))

        assert await asyncio.to_thread(work) == b"x"
        assert (tmp_path / "b.txt").read_bytes() == b"x"
