import { describe, expect, it } from 'vitest'
import { durationText } from '../../src/picture/diagram.ts'
import { diagramFrom, ORDER } from './charts.ts'

describe('diagrams', () => {
  it('have a box for each state and a beginning for each compound one', () => {
    const { boxes, title } = diagramFrom(ORDER, 'order.busy', 'order.busy.packing')
    expect(title).toBe('order')
    expect(boxes.map((box) => `${box.parent ?? ''}/${box.name} ${box.kind}`)).toEqual([
      '/open atomic',
      '/busy compound',
      'order.busy/packing atomic',
      'order.busy/shipped final',
      '/gone final',
      '/ start',
      'order.busy/ start',
    ])
    expect(boxes.filter((box) => box.isActive).map((box) => box.id)).toEqual([
      'order.busy',
      'order.busy.packing',
    ])
  })

  it('have a line for each transition, with what it waits for and does', () => {
    expect(
      diagramFrom(ORDER)
        .lines.filter((line) => line.label !== '')
        .map((line) => `${line.from} ${line.to} ${line.label}${line.isTimed ? ' (timed)' : ''}`),
    ).toEqual([
      'order.open order.busy PAY [event.data.amount > 3 && context.paid == 0] / paid',
      'order.open order.gone after 1 min (timed)',
      'order.busy order.gone STOP',
      'order.busy order.gone done',
      'order.busy.packing order.busy.shipped SHIP',
    ])
  })

  it('keep as a note what changes no state', () => {
    const [open] = diagramFrom(ORDER).boxes
    expect(open?.notes).toEqual(['entry / mail.send', 'NOTE / paid'])
  })

  it('draw the root only where it has regions side by side', () => {
    const region = { initial: 'on', states: { on: {} } }
    const { boxes } = diagramFrom({ id: 'two', type: 'parallel', states: { a: region, b: region } })
    expect(boxes.filter((box) => box.kind !== 'start').map((box) => box.parent)).toEqual([
      undefined,
      'two',
      'two.a',
      'two',
      'two.b',
    ])
  })

  it('tell a delay in the largest unit that fits', () => {
    expect([1, 1000, 60_000, 5_400_000, 86_400_000, 0].map(durationText)).toEqual([
      '1 ms',
      '1 s',
      '1 min',
      '90 min',
      '1 d',
      '0 ms',
    ])
  })
})
