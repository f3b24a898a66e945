/** AS path lengths of the routes that cards announce: the primary's is the shorter one (section 3.2). */
export const PRIMARY_PATH_LENGTH = 1;
export const SECONDARY_PATH_LENGTH = 2;
