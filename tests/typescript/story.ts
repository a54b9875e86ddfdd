// The main line of the API, written against the types that are generated from its description: what
// compiles here and runs against a server is what a TypeScript program can rely on.

import createClient from "openapi-fetch";
import type { components, paths } from "./accord.js";

declare const process: { argv: string[]; exitCode: number };

type Member = components["schemas"]["Member"];
type Problem = components["schemas"]["Problem"];

const [, , baseUrl = "", ownerEmail = "", guestEmail = "", password = ""] = process.argv;

function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** The data of an answer that must be a success. */
async function good<T>(answer: Promise<{ data?: T; error?: Problem }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`);
  return data;
}

/** The problem of an answer that must be a refusal. */
async function refused(answer: Promise<{ error?: Problem }>): Promise<Problem> {
  const { error } = await answer;
  ensure(error !== undefined, "a refusal");
  return error;
}

async function signedIn(email: string) {
  const visitor = createClient<paths>({ baseUrl });
  const session = await good(
    visitor.POST("/api/v1/auth/sign-in", { body: { email, password } }),
  );
  const client = createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${session.access_token}` },
  });
  return { client, account: session.account };
}

/** A word of a closed set: a new status would not compile. */
function sentence(status: Member["status"]): string {
  switch (status) {
    case "pending":
      return "waits for an answer";
    case "active":
      return "takes part";
    case "suspended":
      return "is held off";
    case "rejected":
    case "left":
    case "removed":
    case "expired":
      return "is gone";
  }
}

async function story(): Promise<void> {
  const owner = await signedIn(ownerEmail);
  const guest = await signedIn(guestEmail);
  const path = { account_id: owner.account.id };

  const shop = await good(
    owner.client.POST("/api/v1/accounts/{account_id}/environments", {
      params: { path },
      body: { name: "shop" },
    }),
  );
  const roles = await good(
    owner.client.GET("/api/v1/accounts/{account_id}/roles", {
      params: { path, query: { q: "Viewer" } },
    }),
  );
  const viewer = roles.items[0];
  ensure(viewer !== undefined && roles.next_cursor === null, "one page with the role Viewer");

  const member = await good(
    owner.client.POST("/api/v1/accounts/{account_id}/members", {
      params: { path },
      body: {
        email: guestEmail,
        shares: [{ item: { kind: "environment", id: shop.id }, role_ids: [viewer.id] }],
      },
    }),
  );
  ensure(sentence(member.status) === "waits for an answer", "the member is pending");

  const waiting = await good(guest.client.GET("/api/v1/collaborations"));
  const invitation = waiting.items.find((one) => one.owner.id === owner.account.id);
  ensure(invitation !== undefined, "the guest sees the invitation");
  await good(
    guest.client.POST("/api/v1/collaborations/{id}/accept", {
      params: { path: { id: invitation.id } },
    }),
  );
  const seen = await good(guest.client.GET("/api/v1/environments"));
  ensure(seen.items[0]?.access_level === "direct", "the guest sees the shop by a direct share");

  const again = await refused(
    owner.client.POST("/api/v1/accounts/{account_id}/members", {
      params: { path },
      body: { email: guestEmail },
    }),
  );
  ensure(again.code === "member_exists", "one record for one person");
  ensure(again.context?.member_id === member.id, "the conflict names it");

  const memberPath = { ...path, id: member.id };
  const suspended = await good(
    owner.client.POST("/api/v1/accounts/{account_id}/members/{id}/suspend", {
      params: { path: memberPath },
    }),
  );
  ensure(sentence(suspended.status) === "is held off", "the member is suspended");
  const nothing = await good(guest.client.GET("/api/v1/environments"));
  ensure(nothing.items.length === 0, "a suspended member sees nothing");

  const stale = await refused(
    owner.client.PATCH("/api/v1/accounts/{account_id}/members/{id}", {
      params: { path: memberPath, header: { "If-Match": '"1"' } },
      body: { display_name: "Noor" },
    }),
  );
  ensure(stale.code === "precondition_failed", "a lost update is refused");
}

story().then(
  () => console.log("the story holds"),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
