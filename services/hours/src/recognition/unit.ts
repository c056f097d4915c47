/** HOURS-UNIT: minutes to hundredths of an hour, rounded half up. */
export const centihoursOf = (minutes: number, minutesPerHour: number): number =>
  Math.floor((200 * minutes + minutesPerHour) / (2 * minutesPerHour));
