/** Who the tests sign in as. */
export const owner = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  password: 'a difference engine',
};

/** The link by which the first owner begins, from what a server printed. */
export function ownerLinkIn(output: string): string {
  const link = /https?:\/\/\S+\/welcome\?token=[\w-]+/.exec(output)?.[0];
  if (link === undefined) throw new Error(`The server printed no link for its owner:\n${output}`);
  return link;
}

/** Makes the first owner as the welcome page does. Returns the session's cookie, as `name=value`. */
export async function makeOwner(url: string, link: string): Promise<string> {
  const answer = await fetch(`${url}/auth/welcome`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-weai-csrf': '1', origin: url },
    body: JSON.stringify({ ...owner, token: new URL(link).searchParams.get('token') }),
  });
  const [cookie] = answer.headers.getSetCookie();
  if (!answer.ok || cookie === undefined)
    throw new Error(`Nobody became the owner: ${answer.status} ${await answer.text()}`);
  return cookie.split(';')[0] ?? '';
}
