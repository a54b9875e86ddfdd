"""A mail server for tests, by aiosmtpd. One JSON object per line: settings and orders come in on
standard input, answers and received mail go out on standard output. It ends with its input."""

import asyncio
import base64
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session, syntax

warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Orders:
    """What the test has told the server to do wrong."""

    def __init__(self):
        self.fail_next = 0
        self.fail_code = 451
        self.drop_next = 0
        self.refused = set()

    def follow(self, order):
        if "fail_next" in order:
            self.fail_next, self.fail_code = order["fail_next"], order["code"]
        if "drop_next" in order:
            self.drop_next = order["drop_next"]
        if "refuse" in order:
            self.refused.add(order["refuse"])


class Handler:
    def __init__(self, orders):
        self.orders = orders

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.orders.refused:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session: Session, envelope: Envelope):
        if self.orders.fail_next > 0:
            self.orders.fail_next -= 1
            tell(event="failed")
            return f"{self.orders.fail_code} Refused as the test ordered"
        tell(
            event="received",
            mail_from=envelope.mail_from,
            rcpt_tos=envelope.rcpt_tos,
            smtp_utf8=envelope.smtp_utf8,
            encrypted=session.ssl is not None or server.implicit_tls,
            authenticated=bool(session.authenticated),
            raw=base64.b64encode(envelope.original_content).decode(),
        )
        return "250 OK"


class Server(SMTP):
    def __init__(self, handler, implicit_tls, **settings):
        super().__init__(handler, **settings)
        self.implicit_tls = implicit_tls

    @syntax("DATA")
    async def smtp_DATA(self, arg):
        orders = self.event_handler.orders
        if orders.drop_next > 0:
            orders.drop_next -= 1
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            tell(event="dropped")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


async def main():
    loop = asyncio.get_running_loop()
    orders_in = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders_in), sys.stdin
    )
    settings = json.loads(await orders_in.readline())
    tls = None
    if settings["tls"] != "none":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(settings["certificate"], settings["key"])
    user, password = settings.get("user"), settings.get("password")

    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=right, handled=False)

    orders = Orders()
    handler = Handler(orders)

    def connection():
        return Server(
            handler,
            implicit_tls=settings["tls"] == "implicit",
            loop=loop,
            hostname="localhost",
            enable_SMTPUTF8=settings["smtp_utf8"],
            tls_context=tls if settings["tls"] == "starttls" else None,
            require_starttls=settings["tls"] == "starttls",
            auth_require_tls=False,
            auth_required=user is not None,
            auth_exclude_mechanism=settings["without_mechanisms"],
            authenticator=authenticate if user is not None else None,
        )

    listening = await loop.create_server(
        connection,
        host="127.0.0.1",
        port=settings["port"],
        ssl=tls if settings["tls"] == "implicit" else None,
    )
    tell(event="listening", port=listening.sockets[0].getsockname()[1])
    while line := await orders_in.readline():
        orders.follow(json.loads(line))
        tell(event="followed")


asyncio.run(main())
