-- Who carries a message where its provider surely did not take it, decided when it is made; null: nobody, since its caller
-- named the provider or no other can.
alter table messages add column fallback text;
