// Does what a relying party does, by npm's openid-client, against a running bank: started by bench/openid_client.py,
// which plays the customer in the browser. One JSON line a step; what is wrong ends it with its stack.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const facts = await hear();
const require = createRequire(facts.packages + "/");
const client = await import(pathToFileURL(require.resolve("openid-client")).href);

const bank = new URL(facts.issuer);
const config = await client.discovery(bank, facts.client_id, facts.client_secret, undefined, {
  execute: [client.allowInsecureRequests], // loopback, in a scratch bank
});
tell({ step: "discovery" });

const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: facts.redirect_uri,
  scope: facts.scope,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
tell({ open: address.href });
const back = new URL((await hear()).back);
tell({ step: "login with PKCE" });

const first = await client.authorizationCodeGrant(config, back, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
});
const { sub } = first.claims();
tell({ step: "code for tokens, identity token checked" });

await client.fetchUserInfo(config, first.access_token, sub);
tell({ step: "userinfo" });

const second = await client.refreshTokenGrant(config, first.refresh_token);
if (second.refresh_token === first.refresh_token) throw new Error("the refresh token was not rotated");
tell({ step: "refresh with rotation" });

const known = await client.tokenIntrospection(config, second.access_token);
if (!known.active) throw new Error("a live token is told to be dead");
tell({ step: "introspection" });

await client.tokenRevocation(config, second.refresh_token);
const gone = await client.tokenIntrospection(config, second.access_token);
if (gone.active) throw new Error("a revoked token lives on");
tell({ step: "revocation" });
process.exit(0);
