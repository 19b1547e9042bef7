"""Takes TLS connections as Temporal's frontend does, asks for a client certificate, and passes the bytes on."""

import asyncio
import os
import signal
import ssl

BEHIND = (os.environ["POSTGRES_SEEDS"], 5432)


async def main() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=os.environ["TEMPORAL_TLS_CLIENT1_CA_CERT"])
    context.load_cert_chain(os.environ["TEMPORAL_TLS_FRONTEND_CERT"], os.environ["TEMPORAL_TLS_FRONTEND_KEY"])
    if os.environ["TEMPORAL_TLS_REQUIRE_CLIENT_AUTH"] == "true":
        context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    while True:
        try:
            await asyncio.open_connection(*BEHIND)
            break
        except OSError:
            await asyncio.sleep(0.1)
    front = await asyncio.start_server(serve, os.environ["BIND_ON_IP"], 7233, ssl=context)
    await front.serve_forever()


async def serve(reader, writer) -> None:
    behind_reader, behind_writer = await asyncio.open_connection(*BEHIND)
    await asyncio.gather(pump(reader, behind_writer), pump(behind_reader, writer), return_exceptions=True)


async def pump(reader, writer) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
asyncio.run(main())
