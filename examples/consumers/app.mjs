// An app of your own in Node that logs its users in, by openid-client 6. Its variables come from the Secret of app.yaml.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as client from 'openid-client'

const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_REDIRECT_URI, HOST, PORT = '8080' } = process.env
const config = await client.discovery(new URL(OIDC_ISSUER), OIDC_CLIENT_ID, {}, client.ClientSecretBasic(OIDC_CLIENT_SECRET))

// In memory: an app of more than one pod keeps them where all of them look. Whoever opens /login adds to those that are
// begun; they are kept apart, and the oldest goes, so that nobody fills the memory or pushes out who is logged in.
const begun = new Map()
const users = new Map()
const MOST = 1000

function keep(map, value, response) {
  const id = randomUUID()
  map.set(id, value)
  if (map.size > MOST) map.delete(map.keys().next().value)
  response.setHeader('set-cookie', `session=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`)
}

async function login(response) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  keep(begun, { verifier, state }, response)
  return client.buildAuthorizationUrl(config, {
    redirect_uri: OIDC_REDIRECT_URI,
    scope: 'openid profile email',
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
}

async function callback(id, search) {
  const login = begun.get(id)
  // Each is good for one try.
  begun.delete(id)
  // RFC 6749 section 10.12: "The client MUST implement CSRF protection for its redirection URI". A browser that began no
  // login is sent here with a code of somebody else, and an expectedState that is undefined would expect none.
  if (!login?.state || !login.verifier) throw new Error('This browser has begun no login.')
  // As it was registered: behind an ingress the request's own URL has another scheme and host.
  const url = new URL(search, OIDC_REDIRECT_URI)
  const checks = { pkceCodeVerifier: login.verifier, expectedState: login.state }
  const tokens = await client.authorizationCodeGrant(config, url, checks)
  return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
}

async function answer(request, response) {
  const [, id] = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '') ?? []
  const { pathname, search } = new URL(request.url, OIDC_REDIRECT_URI)
  const user = users.get(id)
  let location = '/'
  if (pathname === new URL(OIDC_REDIRECT_URI).pathname) {
    // Under another identifier than before: that one somebody else may have put into this browser.
    keep(users, await callback(id, search), response)
  } else if (user === undefined) {
    location = pathname === '/login' ? (await login(response)).href : '/login'
  } else if (pathname !== '/login') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`Logged in as ${user.email}\n`)
    return
  }
  response.writeHead(303, { location }).end()
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    response.writeHead(400).end('The login failed.\n')
  })
}).listen(PORT, HOST)
