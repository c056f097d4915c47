import { story } from './story.js';

story('postgres');
