import type { Step } from '@yanxiu/generator/step';

interface Nominated {
  results: { teacherId: string; nominationId: string | null }[];
}

interface Confirmed {
  enrolmentIds: string[];
}

interface Records {
  records: { teacherId: string; attendedMinutes: number }[];
}

/**
 * Attendance names enrolments, whose ids their confirmation gives. A confirmation answers in the
 * order of the nominations' ids, and nominations tell whose they are.
 */
export class Enrolments {
  readonly #nominated = new Map<string, Promise<unknown>[]>();
  readonly #ofClass = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** Takes note of the commands that make enrolments. */
  observe({ command, input }: Step, answer: Promise<unknown>): void {
    const classId = String(input['classId']);
    if (command === 'nomination.nominate') {
      this.#nominated.set(classId, [...(this.#nominated.get(classId) ?? []), answer]);
    } else if (command === 'enrolment.confirm') {
      const known = this.#match(this.#nominated.get(classId) ?? [], answer);
      known.catch(() => undefined);
      this.#ofClass.set(classId, known);
    }
  }

  async #match(
    nominated: readonly Promise<unknown>[],
    confirmed: Promise<unknown>,
  ): Promise<ReadonlyMap<string, string>> {
    const nominations = ((await Promise.all(nominated)) as Nominated[])
      .flatMap(({ results }) => results)
      .flatMap(({ teacherId, nominationId }) => (nominationId ? [{ teacherId, nominationId }] : []))
      .sort((a, b) => (a.nominationId < b.nominationId ? -1 : 1));
    const { enrolmentIds } = (await confirmed) as Confirmed;
    if (enrolmentIds.length !== nominations.length) {
      throw new Error(`${nominations.length} nominations gave ${enrolmentIds.length} enrolments`);
    }
    return new Map(nominations.map(({ teacherId }, at) => [teacherId, enrolmentIds[at] ?? '']));
  }

  /** The input of a step as the service takes it. */
  async resolve(step: Step): Promise<unknown> {
    if (step.enrolmentsOf === undefined) return step.input;
    const enrolments = await this.#ofClass.get(step.enrolmentsOf);
    const { records } = step.input as Readonly<Record<string, unknown>> & Records;
    return {
      ...step.input,
      records: records.map(({ teacherId, attendedMinutes }) => {
        const enrolmentId = enrolments?.get(teacherId);
        if (!enrolmentId) throw new Error(`${teacherId} is not enrolled in ${step.enrolmentsOf}`);
        return { enrolmentId, attendedMinutes };
      }),
    };
  }
}
