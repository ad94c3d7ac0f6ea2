// The classic script. It leaves nothing behind but what the loader stub's function answers.

import { start } from "./commands";

start();
