import { actionsPath, type BadRequest, invalid, refused, t1 } from './bad-request.ts'

/** A whole request as text. The connection is to be closed, so that its end is the end of the answer. */
export function request(line: string, headers: string[] = [], body = ''): string {
  return [line, 'Host: localhost', 'Connection: close', ...headers, '', body].join('\r\n')
}

export function rawRequests(): BadRequest[] {
  const bearer = `Authorization: Bearer ${t1}`
  const post = `POST ${actionsPath} HTTP/1.1`
  const isJson = 'Content-Type: application/json'
  const node = (name: string, status: number, raw: string | Buffer): BadRequest => ({
    name,
    question: { raw },
    status,
    code: undefined,
  })
  return [
    refused('a webhook by a whole URL', 400, 'invalid_address', {
      raw: request('POST http://evil.example/webhooks/sendgrid HTTP/1.1', ['Content-Length: 2'], '{}'),
    }),
    refused('a whole URL without a token', 401, 'unauthorized', {
      raw: request('GET http://evil.example/api/messages HTTP/1.1'),
    }),
    ...['http://[', 'http://a:99999/health', 'http://a:b/health', '*', '//['].map((target) =>
      refused(`the target ${target}`, 404, 'not_found', { raw: request(`OPTIONS ${target} HTTP/1.1`) }),
    ),
    node('a path of bytes', 400, request('GET /\xff\xfe HTTP/1.1')),
    invalid(
      'a body in UTF-8 that is none',
      { raw: request(post, [bearer, isJson, 'Content-Length: 2'], '\xc3\x28') },
      '',
    ),
    invalid(
      'an empty chunked body',
      { raw: request(post, [bearer, isJson, 'Transfer-Encoding: chunked'], '0\r\n\r\n') },
      'action',
    ),
    refused('chunks beyond the limit', 413, 'too_large', () => ({
      raw: request(
        'POST /api/sms/send HTTP/1.1',
        [bearer, isJson, 'Transfer-Encoding: chunked'],
        `${'10000\r\n'.concat('a'.repeat(65_536), '\r\n').repeat(17)}0\r\n\r\n`,
      ),
    })),
    refused('two tokens in two headers, the first a false one', 401, 'unauthorized', {
      raw: request('GET /api/messages HTTP/1.1', ['Authorization: Bearer x', bearer]),
    }),
    node('no HTTP', 400, 'hello\r\n\r\n'),
    node('TLS', 400, Buffer.from('16030100a5010000a10303', 'hex')),
    node('HTTP/9.9', 400, request('GET /health HTTP/9.9')),
    node('no Host', 400, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'),
    node('a target without a slash', 400, request('GET health HTTP/1.1')),
    node('a Content-Length of letters', 400, request(post, [bearer, isJson, 'Content-Length: abc'], '{}')),
    node('a negative Content-Length', 400, request(post, [bearer, isJson, 'Content-Length: -1'], '{}')),
    node(
      'two Content-Lengths',
      400,
      request(post, [bearer, isJson, 'Content-Length: 2', 'Content-Length: 3'], '{}'),
    ),
    node(
      'a length and chunks',
      400,
      request(post, [bearer, isJson, 'Content-Length: 2', 'Transfer-Encoding: chunked'], '{}'),
    ),
    node('a header without a name', 400, request('GET /health HTTP/1.1', [': x'])),
    node('a header with a NUL', 400, request('GET /health HTTP/1.1', ['X-Request-Id: a\u0000b'])),
    node('a header line of its own', 400, request('GET /health HTTP/1.1', ['nonsense'])),
    node('a header of 20 kB', 431, request('GET /health HTTP/1.1', [`X-A: ${'a'.repeat(20_000)}`])),
    node('an expectation', 417, request('GET /health HTTP/1.1', ['Expect: the impossible'])),
  ]
}
