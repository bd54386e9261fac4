-- Ink that is said to have gone to more or fewer papers than it did is looked at again: ink of others
-- on the pages of a pupil who was erased, and ink from before papers were noted.
UPDATE ink SET attributed_rev = 0
WHERE papers <> (SELECT count(*) FROM attribution t
                 WHERE t.folio = ink.folio AND t.page = ink.page AND t.pen = ink.pen);
