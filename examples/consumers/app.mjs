// An app of your own in Node that logs its users in, by openid-client 6. Its variables come from the Secret of app.yaml.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as client from 'openid-client'

const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_REDIRECT_URI, HOST, PORT = '8080' } = process.env
const config = await client.discovery(new URL(OIDC_ISSUER), OIDC_CLIENT_ID, {}, client.ClientSecretBasic(OIDC_CLIENT_SECRET))

async function login(session) {
  session.verifier = client.randomPKCECodeVerifier()
  session.state = client.randomState()
  return client.buildAuthorizationUrl(config, {
    redirect_uri: OIDC_REDIRECT_URI,
    scope: 'openid profile email',
    state: session.state,
    code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: 'S256',
  })
}

async function callback(session, search) {
  // As it was registered: behind an ingress the request's own URL has another scheme and host.
  const url = new URL(search, OIDC_REDIRECT_URI)
  const checks = { pkceCodeVerifier: session.verifier, expectedState: session.state }
  const tokens = await client.authorizationCodeGrant(config, url, checks)
  session.user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
}

// In memory: an app of more than one pod keeps them where all of them look.
const sessions = new Map()

function sessionOf(request, response) {
  const [, known] = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '') ?? []
  if (sessions.has(known)) return sessions.get(known)
  const id = randomUUID()
  sessions.set(id, {})
  response.setHeader('set-cookie', `session=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`)
  return sessions.get(id)
}

async function answer(request, response) {
  const session = sessionOf(request, response)
  const { pathname, search } = new URL(request.url, OIDC_REDIRECT_URI)
  if (pathname === new URL(OIDC_REDIRECT_URI).pathname) {
    await callback(session, search)
    response.writeHead(303, { location: '/' }).end()
  } else if (session.user === undefined) {
    response.writeHead(303, { location: (await login(session)).href }).end()
  } else {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`Logged in as ${session.user.email}\n`)
  }
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    response.writeHead(400).end('The login failed.\n')
  })
}).listen(PORT, HOST)
