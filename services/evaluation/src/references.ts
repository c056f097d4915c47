/** An entity of another service, as this one knows it. */
export interface Reference {
  id: string;
}
