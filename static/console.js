/* What staff pages do more where script runs. Nothing needs it. */
"use strict";
