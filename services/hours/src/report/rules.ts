/** Mean of a total over a number of teachers, half up to 0.01 hour; none have none. */
export const average = (centihours: number, teachers: number): number =>
  teachers === 0 ? 0 : Math.floor((2 * centihours + teachers) / (2 * teachers));
