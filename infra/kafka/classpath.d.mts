/** The `java` to run: of JAVA_HOME when that is set. */
export function java(): string;
/** What is missing to start Kafka here, or undefined when nothing is. */
export function whatIsMissing(): string | undefined;
/** Kafka's class path; asks Maven only when pom.xml has changed since the last time. */
export function classPath(): Promise<string>;
