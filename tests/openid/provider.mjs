// A real OpenID provider for the tests. It says on standard output where it listens, is told on
// standard input under which name it is asked, and ends when that does. What it says of somebody
// depends on the login that was typed.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

// `unverified:ann@example.org` has an address that nobody vouches for, `silent:ann` has none.
function claims(login) {
  const [how, rest] = login.includes(':') ? login.split(':') : ['', login];
  const said = { sub: login, name: `Somebody of ${rest.split('@')[0]}` };
  return how === 'silent' ? said : { ...said, email: rest, email_verified: how !== 'unverified' };
}

function provider(issuer) {
  const made = new Provider(issuer, {
    clients: [{
      client_id: options.id,
      client_secret: options.secret,
      redirect_uris: ['https://relais.example/login/openid/callback'],
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['for tests'] },
    pkce: { required: () => true },
    findAccount: (_, accountId) => ({ accountId, claims: () => claims(accountId) }),
  });
  // Each case has a venue with a name of its own; an operator lists the names instead.
  made.Client.prototype.redirectUriAllowed = (uri) => {
    const { pathname, search } = new URL(uri);
    return pathname === '/login/openid/callback' && search === '';
  };
  return made;
}

let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));

const lines = createInterface({ input: process.stdin });
lines.once('line', (issuer) => {
  answer = provider(issuer).callback();
  say({ ready: issuer });
});
lines.on('close', () => process.exit(0));
