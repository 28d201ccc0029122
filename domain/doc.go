// Package domain holds the rules of the scheme, and nothing else.
//
// It reads no clock and does no IO: today is an argument. Windows are counted
// in civil dates (Europe/Copenhagen); instants appear only where something
// happened at a moment. Every rule has an id in SPEC.md, and the TypeScript
// twin in pb_public/src/domain runs the same vectors (testdata/vectors).
package domain
