import { describe, expect, it } from 'vitest'
import { mermaidFromDiagram, mermaidFromTimeline } from '../../src/picture/mermaid.ts'
import { diagramFrom, ORDER } from './charts.ts'

describe('Mermaid', () => {
  it('tells states, transitions and where the machine stands', () => {
    expect(mermaidFromDiagram(diagramFrom(ORDER, 'order.busy', 'order.busy.packing'))).toBe(
      [
        '---',
        'title: order',
        '---',
        'stateDiagram-v2',
        '  state "open" as s0',
        '  note right of s0 : entry / mail.send',
        '  note right of s0 : NOTE / paid',
        '  state "busy" as s1',
        '  state s1 {',
        '    state "packing" as s2',
        '    state "shipped" as s3',
        '    s3 --> [*]',
        '    [*] --> s2',
        '  }',
        '  state "gone" as s4',
        '  s4 --> [*]',
        '  [*] --> s0',
        '  s0 --> s1 : PAY #91;event.data.amount #62; 3 #38;#38; context.paid == 0#93; / paid',
        '  s0 --> s4 : after 1 min',
        '  s1 --> s4 : STOP',
        '  s1 --> s4 : done',
        '  s2 --> s3 : SHIP',
        '  classDef now fill:#ffd866,stroke:#7a5c00,color:#221a00,font-weight:bold',
        '  class s2 now',
        '',
      ].join('\n'),
    )
  })

  it('separates regions', () => {
    const region = { initial: 'on', states: { on: {} } }
    const text = mermaidFromDiagram(
      diagramFrom({ id: 'two', type: 'parallel', states: { a: region, b: region } }),
    )
    expect(text.split('\n').filter((row) => row.trim() === '--')).toHaveLength(1)
  })

  it('lets no name add a row, a link or a class', () => {
    const text = mermaidFromTimeline({
      title: 'a\nclick s0 "https://evil.example"; %% "',
      steps: [
        {
          sequence: 1n,
          said: ['PAY : x\n  step 2 : forged'],
          vouchers: ['bob #1'],
          standing: 'final',
          since: 1_790_000_000_000n,
        },
      ],
    })
    expect(text).toBe(
      [
        'timeline',
        '  title a#10;click s0 #34;https#58;//evil.example#34;#59; #37;#37; #34;',
        '  step 1 : PAY #58; x#10;  step 2 #58; forged : final by bob #35;1 : 2026-09-21 14#58;13#58;20 UTC',
        '',
      ].join('\n'),
    )
  })
})
