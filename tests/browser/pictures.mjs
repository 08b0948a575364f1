// Every page in every state, inspected and saved as a picture in three sizes.

import { album } from "./album.mjs";
import { scenes } from "./scenes.mjs";

await album(scenes);
