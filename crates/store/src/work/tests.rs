mod attribution;
mod labels;
mod marking;
mod nobodys;
mod order;
mod registration;
mod settling;
mod sqlite;
