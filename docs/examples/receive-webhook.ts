// Takes a message to a webhook only if Accord sent it, and not long ago.
import type { components } from "./accord.js";

export type WebhookEvent = components["schemas"]["WebhookEvent"];

const MOST_SECONDS_OLD = 5 * 60;

export async function receive(
  secret: string,
  headers: Headers,
  body: string, // as it came: parsed and written anew, it is another text
): Promise<WebhookEvent> {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  const age = Math.abs(Date.now() / 1000 - Number(timestamp ?? NaN));
  if (!(age < MOST_SECONDS_OLD)) throw new Error("too old, or without a time");

  const key = await crypto.subtle.importKey(
    "raw",
    bytes(secret.replace(/^whsec_/, "")),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  // While a secret is being replaced, there is a signature for each.
  for (const signature of (headers.get("webhook-signature") ?? "").split(" ")) {
    const [version, value] = signature.split(",");
    if (version !== "v1" || value === undefined) continue;
    if (await crypto.subtle.verify("HMAC", key, bytes(value), signed)) return JSON.parse(body);
  }
  throw new Error("not signed with this secret");
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
