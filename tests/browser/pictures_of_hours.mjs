// The same of what a closed venue shows, of its hours, and of large letters.

import { album } from "./album.mjs";
import { openingScenes } from "./opening_scenes.mjs";

await album(openingScenes);
