// Asks whether somebody may start an environment.
// npx openapi-typescript "$ACCORD_URL/api/v1/openapi.json" --output accord.d.ts
import createClient from "openapi-fetch";
import type { paths } from "./accord.js";

export async function mayStart(
  baseUrl: string,
  token: string,
  email: string,
  environmentId: string,
): Promise<boolean> {
  const accord = createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${token}` },
  });
  const { data, error } = await accord.POST("/api/v1/checks", {
    body: {
      checks: [
        {
          subject: { email },
          environment_id: environmentId,
          action_ids: ["environment.start"],
          mode: "all",
        },
      ],
    },
  });
  // No answer is no permission: whoever cannot ask must not go ahead.
  if (data === undefined) throw new Error(`${error.code}: ${error.detail}`);
  return data.results[0]?.allowed ?? false;
}
