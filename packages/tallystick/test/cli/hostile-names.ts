/** K1: names that lead elsewhere, hide, or mean something to a platform. More than two hundred. */
const climbing = [
  '..',
  '../',
  '../..',
  '../../etc/passwd',
  '..\\',
  '..\\..\\x',
  '.',
  './',
  '....//',
  '..;/',
]
const rooted = [
  '/',
  '/etc/passwd',
  '//x',
  '\\\\host\\share',
  'C:\\x',
  'C:',
  'c:/x',
  '~',
  '~/x',
  'file:///x',
]
const encoded = [
  '%2e%2e%2f',
  '%2e%2e/',
  '..%2f',
  '%00',
  '%c0%ae%c0%ae/',
  '..%5c',
  '&#46;&#46;/',
  '\\u002e',
]
const devices = ['con', 'CON', 'prn', 'aux', 'nul', 'NUL', 'com1', 'COM9', 'lpt1', 'Lpt5']
const odd = [
  '',
  ' ',
  '  ',
  '\t',
  '\n',
  'a\nb',
  'a\u0000b',
  '\u0000',
  '\u001b[2J',
  'a\rb',
  'a/b',
  'a\\b',
  '-rf',
  '--help',
  '*',
]
const more = [
  '?',
  '<x>',
  'a|b',
  'a:b',
  'a"b',
  "a'b",
  '$HOME',
  '`id`',
  '$(id)',
  'a;b',
  'a&b',
  '{a,b}',
  '[a]',
  '!x',
  '#x',
]
const letters = [
  '\u202ea',
  'a\u202eb',
  '\u200b',
  '\ufeffa',
  '\ud800',
  'a\udc00',
  '\u2024\u2024/',
  '\uff0e\uff0e\uff0f',
  '\u2215',
  '\u29f8',
]
const proto = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '.git',
  '.ssh/authorized_keys',
  '.env',
  '.profile',
]
const long = [
  'a'.repeat(33),
  'a'.repeat(256),
  'a'.repeat(5000),
  'é'.repeat(300),
  '\ud83d\ude00'.repeat(40),
  '../'.repeat(100),
]

const plain = [climbing, rooted, encoded, devices, odd, more, letters, proto, long].flat()

export const HOSTILE_NAMES: readonly string[] = [
  ...plain,
  ...climbing.flatMap((one) => [`a${one}`, `${one}a`, `a/${one}/b`, `\u0000${one}`]),
  ...rooted.map((one) => `x${one}`),
  ...devices.flatMap((one) => [`${one}.txt`, `${one}:x`, `../${one}`, `${one} `]),
  ...encoded.flatMap((one) => [`${one}etc`, `a/${one}`]),
  ...proto.flatMap((one) => [`../${one}`, `${one}/..`]),
  ...letters.map((one) => `../${one}`),
]
