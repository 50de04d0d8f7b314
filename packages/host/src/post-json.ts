const answerMsMax = 5000;

/** What a server answered to a JSON body, or in words why it did not take it. */
export async function postJson(
  url: URL,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMsMax),
      // A redirect could lead what the headers carry to somebody else.
      redirect: "error",
    });
    const text = await response.text();
    return response.ok ? { text } : { problem: `it answered ${response.status}` };
  } catch (error) {
    const { message, cause } = error as Error;
    return { problem: cause instanceof Error ? cause.message || String(cause) : message };
  }
}
