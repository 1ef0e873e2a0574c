// Package kwok only makes this folder a module that Go can build tools from.
package kwok
