import { expect, test } from 'vitest'
import { readBy } from '#src/model/machine.ts'

test.each([
  ['Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)', 'ggpht.com'],
  ['YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html', 'YahooMailProxy'],
  ['Barracuda Sentinel (EE)', 'Barracuda Sentinel'],
  ['Mozilla/5.0 (compatible; Proofpoint URL Defense)', 'Proofpoint'],
  ['Mozilla/5.0 (Windows NT 10.0) Mimecast/1.0', 'Mimecast'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
    'HeadlessChrome',
  ],
  ['python-requests/2.31.0', 'python'],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot'],
  ['Microsoft Office Existence Discovery', 'Existence Discovery'],
  ['WhatsApp/2.23.20.0 A', 'WhatsApp/2.23.20.0'],
  ['Mozilla/5.0', 'a privacy proxy'],
  // Known by isbot alone.
  ['SomeFetcher/1.0', 'SomeFetcher'],
])('%s is a machine, and its reason says which', (agent, word) => {
  expect(readBy(agent)).toEqual({ machine: true, reason: expect.stringContaining(word) })
})

test.each([
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:109.0) Gecko/20100101 Thunderbird/115.4.1',
  'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/7.0; Microsoft Outlook 16.0.4266)',
  'Mozilla/5.0 (Linux; Android 13; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36',
  // Programs in which people read, named as briefly as a robot names itself.
  'YahooMobileMail/1.0',
  'Spark/3.1',
  'SamsungMail',
  'com.google.android.gm',
  'eM Client',
  '',
  undefined,
  null,
])('%s is left open', (agent) => {
  expect(readBy(agent)).toEqual({})
})
