mod attribution;
mod marking;
mod nobodys;
mod order;
mod settling;
mod sqlite;
