// node-oidc-provider over TLS, as an authorization server to register clients at, with a second listener for the tests.
//
// usage: node server.mjs '{"host", "port", "issuer", "certificate", "key", "clientAuthority", "log",
//                         "initialAccessToken", "registration", "management", "rotation", "dpop", "logins"}'
//
// Prints one line "READY {issuer, admin, address}". `port` 0 takes any; `issuer` is the origin of what stands before it,
// or null. `log` gets one JSON line per request, before its answer.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer as createAdminServer } from 'node:http';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';

const options = JSON.parse(process.argv[2]);

// The library's own in-memory adapter forgets after 1,000 entries.
class Everything {
  static entries = new Map();
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  async upsert(id, payload) { Everything.entries.set(this.key(id), payload); }
  async find(id) { return Everything.entries.get(this.key(id)); }
  async findByUid(uid) { return this.search((payload) => payload.uid === uid); }
  async findByUserCode(userCode) { return this.search((payload) => payload.userCode === userCode); }
  async destroy(id) { Everything.entries.delete(this.key(id)); }
  async consume(id) { (await this.find(id)).consumed = Math.floor(Date.now() / 1000); }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of Everything.entries) if (payload.grantId === grantId) Everything.entries.delete(key);
  }
  search(matches) { return [...this.all()].find(matches); }
  * all() {
    for (const [key, payload] of Everything.entries) if (key.startsWith(`${this.model}:`)) yield payload;
  }
}

const own = { cert: readFileSync(options.certificate), key: readFileSync(options.key) };
const server = createServer(own);
server.listen(options.port, options.listen);
await once(server, 'listening');
const address = `https://${options.host}:${server.address().port}`;
const issuer = options.issuer ?? address;

// Asks for a client's certificate and takes any, for self-signed ones are the provider's to compare (RFC 8705 section 5).
const byCertificate = createServer({
  ...own, ca: readFileSync(options.clientAuthority), requestCert: true, rejectUnauthorized: false,
});
byCertificate.listen(0, '127.0.0.1');
await once(byCertificate, 'listening');
const alias = `https://${options.host}:${byCertificate.address().port}`;

// What an initial access token may have happen to the clients that are registered with it, by name. The registration
// access token has it, too.
const inAMonth = () => Math.floor(Date.now() / 1000) + 30 * 24 * 3600;
const policies = {
  expiring: (ctx, client) => {
    if (client.client_secret_expires_at === 0) client.client_secret_expires_at = inAMonth();
  },
  // An update gives another secret, and the one before is refused: within a window that opens when a second of its life
  // is over.
  renewing: (ctx, client) => {
    const expiresAt = inAMonth();
    if (client.client_secret_expires_at === 0) client.client_secret_expires_at = expiresAt;
    if (client.client_secret_expires_at >= expiresAt) return;
    Object.assign(client, { client_secret: randomBytes(64).toString('base64url'), client_secret_expires_at: expiresAt });
  },
};

const provider = new Provider(issuer, {
  adapter: Everything,
  scopes: ['openid', 'offline_access', 'profile', 'email', 'address', 'phone', 'api'],
  clientAuthMethods: [
    'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth',
    'self_signed_tls_client_auth', 'none',
  ],
  discovery: { mtls_endpoint_aliases: { token_endpoint: `${alias}/token`, registration_endpoint: `${alias}/reg` } },
  cookies: { keys: ['for tests alone'] },
  claims: { profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@example.com`, email_verified: true }),
  }),
  features: {
    devInteractions: { enabled: options.logins },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) => property === 'tls_client_auth_san_dns'
        && ctx.socket.getPeerX509Certificate().subjectAltName === `DNS:${expected}`,
    },
    revocation: { enabled: true },
    dPoP: { enabled: options.dpop, nonceSecret: randomBytes(32), requireNonce: () => true },
    registration: {
      enabled: options.registration,
      initialAccessToken: options.initialAccessToken,
      policies: options.initialAccessToken ? policies : undefined,
      issueRegistrationAccessToken: options.management,
    },
    registrationManagement: { enabled: options.management, rotateRegistrationAccessToken: options.rotation },
  },
  ttl: { InitialAccessToken: 7 * 24 * 3600, ClientCredentials: 600 },
});
provider.use(async (ctx, next) => {
  await next();
  const { method, path, status } = ctx;
  appendFileSync(options.log, `${JSON.stringify({ method, path, status, at: Date.now() / 1000 })}\n`);
});
server.on('request', provider.callback());
byCertificate.on('request', provider.callback());

const admin = createAdminServer(async (request, response) => {
  const [, collection, id] = new URL(request.url, 'http://admin').pathname.split('/');
  const called = { GET: list, POST: mint, PUT: restore, PATCH: change, DELETE: forget }[request.method];
  const answer = await called?.(collection, decodeURIComponent(id ?? ''), request);
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? null));
});

async function list(collection) {
  if (collection === 'entries') return [...Everything.entries];
  if (collection !== 'clients') return undefined;
  return [...new Everything('Client').all()].map(({ client_secret: _, ...rest }) => rest);
}

async function mint(collection, policy) {
  if (collection !== 'initial-access-tokens') return undefined;
  return { token: await new provider.InitialAccessToken(policy ? { policies: [policy] } : {}).save() };
}

async function restore(collection, id, request) {
  if (collection !== 'entries') return undefined;
  Everything.entries = new Map(await read(request));
  return {};
}

async function change(collection, id, request) {
  if (collection !== 'clients') return undefined;
  const clients = new Everything('Client');
  await clients.upsert(id, { ...await clients.find(id), ...await read(request) });
  return {};
}

async function read(request) {
  const written = [];
  for await (const piece of request) written.push(piece);
  return JSON.parse(Buffer.concat(written));
}

async function forget(collection, id) {
  if (collection !== 'clients') return undefined;
  await new Everything('Client').destroy(id);
  return {};
}

admin.listen(0, '127.0.0.1');
await once(admin, 'listening');
process.on('SIGTERM', () => process.exit(0));
console.log('READY', JSON.stringify({ issuer, address, admin: `http://127.0.0.1:${admin.address().port}` }));
