// Package broken carries a broken rule through PocketBase and back: out as an
// error body at a field, in as the domain's own error.
package broken

import (
	"errors"

	validation "github.com/pocketbase/ozzo-validation/v4"

	"bindeled/domain"
)

// fieldError is a broken rule at a field, in the form PocketBase puts into its
// error body and the dashboard shows.
type fieldError struct{ rule *domain.Error }

func (f fieldError) Code() string           { return f.rule.Code }
func (f fieldError) Params() map[string]any { return f.rule.Params }
func (f fieldError) Unwrap() error          { return f.rule }
func (f fieldError) Error() string          { return messages[f.rule.Code] + " (" + f.rule.Rule + ")" }

// At says at which field a rule was broken. Errors that are no rules pass
// through: they are failures.
func At(field string, err error) error {
	if err == nil {
		return nil
	}
	if broken, ok := errors.AsType[*domain.Error](err); ok {
		return validation.Errors{field: fieldError{broken}}
	}
	return err
}

// Find finds the rule behind an error from a save, or nil.
func Find(err error) *domain.Error {
	if broken, ok := errors.AsType[*domain.Error](err); ok {
		return broken
	}
	fields, ok := errors.AsType[validation.Errors](err)
	if !ok {
		return nil
	}
	var invalid *domain.Error
	for name, f := range fields {
		if broken := Find(f); broken != nil {
			return broken
		}
		// PocketBase's own check of a field: a wrong word, a missing value.
		invalid = domain.Broken("value.invalid", domain.Params{"field": name}).(*domain.Error)
	}
	return invalid
}
