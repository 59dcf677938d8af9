/**
 * Traces: one span for each request and one for each durable write in it, through the interface of OpenTelemetry.
 *
 * Off unless the process was started with an SDK in front (`node --import`); then the interface is not even loaded, which
 * would be a hundred files at each start. No attribute holds what somebody sent: routes and statuses only.
 */
import type { Tracer } from '@opentelemetry/api'

/** Where an SDK leaves word of itself for every copy of the interface with its major version. */
const MARK = Symbol.for('opentelemetry.js.api.1')

type Tracing = { readonly tracer: Tracer; readonly error: number }

/** The tracer of the SDK that was loaded in front. */
const findTracing = async (): Promise<Tracing | undefined> => {
  const { ProxyTracerProvider, SpanStatusCode, trace } = await import('@opentelemetry/api')
  const provider = trace.getTracerProvider()
  const isEmpty =
    provider instanceof ProxyTracerProvider &&
    provider.getDelegateTracer('tallystick') === undefined
  return isEmpty
    ? undefined
    : { tracer: trace.getTracer('tallystick'), error: SpanStatusCode.ERROR }
}

/** Looked up once, since an SDK is in front. */
const tracing = MARK in globalThis ? findTracing() : undefined

type Attributes = Readonly<Record<string, string | number>>

/** Runs work inside a span. An error marks the span and goes on. */
export const traced = <T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> =>
  // Without an SDK there is no promise of its own around each step.
  tracing ? spanned(tracing, name, attributes, work) : work()

const spanned = async <T>(
  looked: ReturnType<typeof findTracing>,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> => {
  const found = await looked
  if (!found) return work()
  return found.tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: found.error })
      throw error
    } finally {
      span.end()
    }
  })
}
