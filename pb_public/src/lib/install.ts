// A Safari tab on an iPhone forgets after seven days what nobody looked at; an app on the home screen does not.

type Browser = { userAgent: string; maxTouchPoints: number; standalone?: boolean }

/** An iPhone or iPad (which calls itself a Mac) that shows this as a page, not as an app. */
export const mustInstall = ({ userAgent, maxTouchPoints, standalone }: Browser = navigator): boolean =>
  (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) && standalone !== true
