-- The address that an account shall have once it is proven, as it was typed.
ALTER TABLE account_tokens ADD COLUMN new_email text;
