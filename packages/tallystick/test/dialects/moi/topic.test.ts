import { expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { LOG_EVENT, topicOfName, topicOfValue } from '../../../src/dialects/moi/topic.ts'
import { text } from './pisa/world.ts'

// First and last digits of what MOI's client computes.
test.each([
  ['Transfer', '2ea90b31', 'da45'],
  [LOG_EVENT, '5179047f', 'b186'],
  ['AssetEvent', '83ddd33d', 'e8c8'],
])('the topic of %s is that of the client', (name, first, last) => {
  const topic = hexFromBytes(topicOfName(name))
  expect([topic.slice(0, 8), topic.slice(-4)]).toEqual([first, last])
})

test('a text as a value has the topic of the same text as a name', () => {
  expect(topicOfValue(text('Mint'))).toEqual(topicOfName('Mint'))
  expect(topicOfValue(text('mint'))).not.toEqual(topicOfName('Mint'))
})
